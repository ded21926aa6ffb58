#ifndef PLAYGROUND_PAGE_H
#define PLAYGROUND_PAGE_H

#include <stddef.h>

/// The page of the playground, in the order in which its parts are sent.
///
/// Why C: `#embed` puts the files into the program at compile time, where they cost a start nothing. Style and script
/// are apart because the page's Content-Security-Policy names the hash of each.
extern const unsigned char playground_head[], playground_style[], playground_body[], playground_script[],
    playground_end[];
extern const size_t playground_head_size, playground_style_size, playground_body_size, playground_script_size,
    playground_end_size;

#endif
