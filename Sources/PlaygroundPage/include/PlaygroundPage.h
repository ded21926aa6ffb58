#ifndef PLAYGROUND_PAGE_H
#define PLAYGROUND_PAGE_H

#include <stddef.h>

/// A part of the playground's page. Style and script are apart because the page's Content-Security-Policy names the
/// hash of each. The script has three parts, because only some pages have a login.
struct playground_part {
    const unsigned char *bytes;
    size_t size;
};

/// The parts in the order in which they are sent.
///
/// Why C: `#embed` puts the files into the program at compile time, where they cost a start nothing.
extern const struct playground_part playground_head, playground_style, playground_body, playground_script,
    playground_login, playground_start, playground_end;

#endif
