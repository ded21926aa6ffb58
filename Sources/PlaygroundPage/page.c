#include "PlaygroundPage.h"

// The opening tags of style and script are written here: at the end of a file they would be followed by a line feed,
// which would belong to what they enclose, and to its hash.

const unsigned char playground_head[] = {
#embed "head.html"
    , '<', 's', 't', 'y', 'l', 'e', '>'
};
const unsigned char playground_style[] = {
#embed "style.css"
};
const unsigned char playground_body[] = {
#embed "body.html"
    , '<', 's', 'c', 'r', 'i', 'p', 't', '>'
};
// One script. Each file uses only what stands above it here.
const unsigned char playground_script[] = {
#embed "elements.js"
    ,
#embed "markdown.js"
    ,
#embed "stream.js"
    ,
#embed "snippets.js"
    ,
#embed "settings.js"
    ,
#embed "answer.js"
    ,
#embed "chat.js"
};
const unsigned char playground_end[] = {
#embed "end.html"
};

const size_t playground_head_size = sizeof playground_head;
const size_t playground_style_size = sizeof playground_style;
const size_t playground_body_size = sizeof playground_body;
const size_t playground_script_size = sizeof playground_script;
const size_t playground_end_size = sizeof playground_end;
