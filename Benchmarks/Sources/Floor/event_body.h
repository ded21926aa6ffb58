// Takes the request's body out of Lambda's event.

#pragma once

#include <stdlib.h>
#include <string.h>

static inline unsigned code_unit(const char *in) {
    char digits[5] = "";
    return (unsigned)strtoul(strncpy(digits, in, 4), NULL, 16);
}

static inline char *write_utf8(char *out, unsigned scalar) {
    if (scalar < 0x80) {
        *out++ = (char)scalar;
        return out;
    }
    int more = scalar < 0x800 ? 1 : scalar < 0x10000 ? 2 : 3;
    *out++ = (char)((0xF0 << (3 - more)) | scalar >> 6 * more);
    while (more--) *out++ = (char)(0x80 | (scalar >> 6 * more & 0x3F));
    return out;
}

// Unescapes the event's `body` in place, since it only gets shorter. Inside a string a quote is escaped, so `"body":` can
// only be a key; it is assumed to be the outermost one.
static inline char *find_body(char *event, size_t *length) {
    char *in = strstr(event, "\"body\":");
    if (!in || !(in = strchr(in + strlen("\"body\":"), '"'))) return NULL;
    char *body = ++in, *out = in;
    for (;;) {
        size_t plain = strcspn(in, "\"\\");
        memmove(out, in, plain);
        in += plain, out += plain;
        if (*in != '\\') break;
        if (in[1] == 'u') {
            unsigned scalar = code_unit(in + 2);
            in += 6;
            if (scalar >> 10 == 0xD800 >> 10 && in[0] == '\\') {
                scalar = 0x10000 + ((scalar & 0x3FF) << 10) + (code_unit(in + 2) & 0x3FF);
                in += 6;
            }
            out = write_utf8(out, scalar);
        } else {
            static const char names[] = "bfnrt", values[] = "\b\f\n\r\t";
            const char *name = strchr(names, in[1]);
            *out++ = name ? values[name - names] : in[1];
            in += 2;
        }
    }
    *length = (size_t)(out - body);
    return body;
}
