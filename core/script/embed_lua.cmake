# Writes OUT: a C file with every .lua file under ROOT as a byte array, in name order.
# Called by the build: cmake -DROOT=... -DOUT=... -P embed_lua.cmake
file(GLOB_RECURSE files RELATIVE ${ROOT} ${ROOT}/*.lua)
list(SORT files)
set(arrays "")
set(rows "")
set(count 0)
foreach(file ${files})
  file(READ ${ROOT}/${file} hex HEX)
  string(LENGTH "${hex}" digits)
  math(EXPR length "${digits} / 2")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  string(APPEND arrays "static const unsigned char file_${count}[] = {${bytes}0};\n")
  string(APPEND rows "    {\"${file}\", {(const char *)file_${count}, ${length}}},\n")
  math(EXPR count "${count} + 1")
endforeach()
file(WRITE ${OUT} "/* Generated from lua/ by core/script/embed_lua.cmake. */
#include \"script/library.h\"

${arrays}
const th_library_file_t th_library_files[] = {
${rows}    {NULL, {NULL, 0}},
};
const size_t th_library_file_count = ${count};
")
