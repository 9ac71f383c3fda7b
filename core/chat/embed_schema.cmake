# Writes OUT: a C file with FILE as a byte array. Called by the build: cmake -DFILE=... -DOUT=... -P embed_schema.cmake
file(READ ${FILE} hex HEX)
string(LENGTH "${hex}" digits)
math(EXPR length "${digits} / 2")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
file(WRITE ${OUT} "/* Generated from core/chat/protocol.schema.json by core/chat/embed_schema.cmake. */
#include \"chat/protocol.h\"

static const unsigned char text[] = {${bytes}0};
const th_slice_t th_chat_protocol_schema = {(const char *)text, ${length}};
")
