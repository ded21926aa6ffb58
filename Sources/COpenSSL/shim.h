// SHA256_Init and its like are deprecated since 3.0, in favour of those that look the algorithm up: see SHA256.swift.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
