#ifndef CCURL_SHIM_H
#define CCURL_SHIM_H

#include <curl/curl.h>
#include <stdbool.h>

// From OpenSSL, which libcurl uses. Declared here, because <openssl/ssl.h> would import thousands of names.
struct ssl_st;
extern int SSL_has_pending(const struct ssl_st *_Nonnull ssl);

// Swift can't call variadic C functions, so there is a typed wrapper for each kind of option.
static inline CURLcode ccurl_set_long(CURL *easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}
static inline CURLcode ccurl_set_offset(CURL *easy, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(easy, option, value);
}
static inline CURLcode ccurl_set_string(CURL *easy, CURLoption option, const char *value) {
    return curl_easy_setopt(easy, option, value);
}
static inline CURLcode ccurl_set_pointer(CURL *easy, CURLoption option, void *value) {
    return curl_easy_setopt(easy, option, value);
}
static inline CURLcode ccurl_set_list(CURL *easy, CURLoption option, struct curl_slist *value) {
    return curl_easy_setopt(easy, option, value);
}

// Copies as many bytes as CURLOPT_POSTFIELDSIZE_LARGE says.
static inline CURLcode ccurl_copy_body(CURL *easy, const void *bytes) {
    return curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, bytes);
}

// The contexts are never null: `Transfer` sets them together with the callbacks. READFUNCTION, WRITEFUNCTION and
// HEADERFUNCTION have the same signature.
typedef size_t (*ccurl_data_callback)(char *_Nullable buffer, size_t size, size_t count, void *_Nonnull context);
typedef int (*ccurl_trailer_callback)(struct curl_slist *_Nullable *_Nonnull list, void *_Nonnull context);
typedef int (*ccurl_socket_option_callback)(void *_Nonnull context, curl_socket_t socket, curlsocktype purpose);
typedef int (*ccurl_request_callback)(
    void *_Nonnull context, char *_Nonnull remote, char *_Nonnull local, int remote_port, int local_port);
typedef int (*ccurl_debug_callback)(
    CURL *_Nonnull easy, curl_infotype type, char *_Nonnull text, size_t length, void *_Nonnull context);
static inline CURLcode ccurl_set_data_callback(CURL *easy, CURLoption option, ccurl_data_callback callback) {
    return curl_easy_setopt(easy, option, callback);
}
static inline CURLcode ccurl_set_trailer_callback(CURL *easy, ccurl_trailer_callback callback) {
    return curl_easy_setopt(easy, CURLOPT_TRAILERFUNCTION, callback);
}

static inline CURLcode ccurl_set_socket_option_callback(CURL *easy, ccurl_socket_option_callback callback) {
    return curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, callback);
}
static inline CURLcode ccurl_set_request_callback(CURL *easy, ccurl_request_callback callback) {
    return curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, callback);
}
static inline CURLcode ccurl_set_debug_callback(CURL *easy, ccurl_debug_callback callback) {
    return curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, callback);
}

typedef int (*ccurl_socket_callback)(
    CURL *_Nonnull easy, curl_socket_t socket, int wish, void *_Nonnull context, void *_Nullable socket_context);
static inline CURLMcode ccurl_set_socket_callback(CURLM *multi, ccurl_socket_callback callback, void *context) {
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, context);
    return curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, callback);
}

static inline CURLSHcode ccurl_share(CURLSH *share, curl_lock_data data) {
    return curl_share_setopt(share, CURLSHOPT_SHARE, data);
}

static inline CURLcode ccurl_get_offset(CURL *easy, CURLINFO info, curl_off_t *value) {
    return curl_easy_getinfo(easy, info, value);
}

static inline CURLcode ccurl_get_long(CURL *easy, CURLINFO info, long *value) {
    return curl_easy_getinfo(easy, info, value);
}
// OpenSSL's session object of the current connection; null for plain HTTP.
static inline const struct ssl_st *_Nullable ccurl_get_tls(CURL *easy) {
    struct curl_tlssessioninfo *tls = NULL;
    if (curl_easy_getinfo(easy, CURLINFO_TLS_SSL_PTR, &tls) != CURLE_OK || !tls) return NULL;
    return tls->backend == CURLSSLBACKEND_OPENSSL ? (const struct ssl_st *)tls->internals : NULL;
}

// The result is in a union, which Swift imports as raw bytes.
static inline CURLcode ccurl_message_result(const CURLMsg *message) { return message->data.result; }

#endif
