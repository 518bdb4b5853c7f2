# What every target of the house has in common: warnings, sanitizers, where its headers are.

# Where sources are joined, a name that is one source's own hides none of another's, and GCC takes
# all of them for headers.
set(joined $<BOOL:$<TARGET_PROPERTY:UNITY_BUILD>>)
add_library(primed_options INTERFACE)
target_compile_options(primed_options INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Woverloaded-virtual
  $<$<NOT:${joined}>:-Wshadow>
  $<$<AND:${joined},$<CXX_COMPILER_ID:GNU>>:-Wno-subobject-linkage>
  $<$<BOOL:${PRIMED_WARNINGS_AS_ERRORS}>:-Werror>)
if(PRIMED_SANITIZE)
  target_compile_options(primed_options INTERFACE
    -fsanitize=${PRIMED_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(primed_options INTERFACE -fsanitize=${PRIMED_SANITIZE})
endif()

# primed_add_tests(NAME SOURCES … LINK … [PRECOMPILE header …] [PROPERTIES of each test …]): one
# doctest program, each of its cases a test of ctest. A name that doctest does not find again would
# run no case and pass: that is a failure here. The headers are those that most of the sources
# include.
function(primed_add_tests name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINK;PRECOMPILE;PROPERTIES")
  add_executable(${name} ${arg_SOURCES} $<TARGET_OBJECTS:test_main>)
  target_link_libraries(${name} PRIVATE doctest::doctest primed_options ${arg_LINK})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests ${PROJECT_SOURCE_DIR}/src)
  doctest_discover_tests(${name}
    PROPERTIES TIMEOUT 120 FAIL_REGULAR_EXPRESSION "test cases: +0 " ${arg_PROPERTIES})
  set_property(GLOBAL APPEND PROPERTY PRIMED_TEST_PROGRAMS ${name})
  # In the unoptimised build each source is seen to include what it needs.
  if(arg_PRECOMPILE AND (PRIMED_SANITIZE OR NOT CMAKE_BUILD_TYPE STREQUAL "Debug"))
    target_precompile_headers(${name} PRIVATE <doctest/doctest.h> ${arg_PRECOMPILE})
  endif()
endfunction()

# primed_headers_alone(FOLDER LINK …): compiles each header of include/LAYER or src/LAYER on its
# own, twice over, which shows that it includes what it needs and minds being included again. A
# public header has to do without src.
function(primed_headers_alone folder)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LINK")
  get_filename_component(top ${folder} DIRECTORY)
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/${top}
    ${PROJECT_SOURCE_DIR}/${folder}/*.hpp)
  if(NOT headers)
    return()
  endif()
  string(REPLACE / - name headers-${folder})
  foreach(header IN LISTS headers)
    string(MAKE_C_IDENTIFIER ${header} file)
    configure_file(${PROJECT_SOURCE_DIR}/cmake/header_alone.cpp.in ${name}/${file}.cpp @ONLY)
    list(APPEND sources ${CMAKE_CURRENT_BINARY_DIR}/${name}/${file}.cpp)
  endforeach()
  add_library(${name} OBJECT ${sources})
  target_link_libraries(${name} PRIVATE primed_options ${arg_LINK})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/${top})
endfunction()
