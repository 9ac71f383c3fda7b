# Writes OUT: a C file with every file of the page under ROOT as a byte array, in name order, with its media type and
# an ETag made from its contents. Called by the build: cmake -DROOT=... -DOUT=... -P embed_page.cmake
set(type_html "text/html; charset=utf-8")
set(type_css "text/css; charset=utf-8")
set(type_js "text/javascript; charset=utf-8")
set(type_svg "image/svg+xml")

file(GLOB_RECURSE files RELATIVE ${ROOT} ${ROOT}/*.html ${ROOT}/*.css ${ROOT}/*.js ${ROOT}/*.svg)
list(SORT files)
set(arrays "")
set(rows "")
set(count 0)
foreach(file ${files})
  file(READ ${ROOT}/${file} hex HEX)
  file(SHA256 ${ROOT}/${file} digest)
  string(SUBSTRING ${digest} 0 32 tag)
  string(LENGTH "${hex}" digits)
  math(EXPR length "${digits} / 2")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  string(REGEX REPLACE "^.*\\." "" extension ${file})
  set(path "/${file}")
  if(path STREQUAL "/index.html")
    set(path "/")
  endif()
  string(APPEND arrays "static const unsigned char file_${count}[] = {${bytes}0};\n")
  string(APPEND rows "    {\"${path}\", \"${type_${extension}}\", \"\\\"${tag}\\\"\", {(const char *)file_${count}, ${length}}},\n")
  math(EXPR count "${count} + 1")
endforeach()
file(WRITE ${OUT} "/* Generated from core/chat/page/ by core/chat/embed_page.cmake. */
#include \"chat/page.h\"

${arrays}
const th_page_file_t th_page_files[] = {
${rows}    {NULL, NULL, NULL, {NULL, 0}},
};
const size_t th_page_file_count = ${count};
")
