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

# primed_add_tests(NAME [UNPRECOMPILED] SOURCES … LINK … [PROPERTIES of each test …]): one doctest
# program, each of its cases a test of ctest. A name that doctest does not find again would run no
# case and pass: that is a failure here. With UNPRECOMPILED each source reads its headers itself.
function(primed_add_tests name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "UNPRECOMPILED" "" "SOURCES;LINK;PROPERTIES")
  add_executable(${name} ${arg_SOURCES} $<TARGET_OBJECTS:primed-test-main>)
  target_link_libraries(${name} PRIVATE doctest::doctest primed_options ${arg_LINK})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests ${PROJECT_SOURCE_DIR}/src)
  doctest_discover_tests(${name}
    PROPERTIES TIMEOUT 120 FAIL_REGULAR_EXPRESSION "test cases: +0 " ${arg_PROPERTIES})
  set_property(GLOBAL APPEND PROPERTY PRIMED_TEST_PROGRAMS ${name})
  if(NOT arg_UNPRECOMPILED)
    primed_use_test_headers(${name})
  endif()
endfunction()

# primed_use_test_headers(NAME): spares the program's sources reading the headers that most tests
# include. In the unoptimised build each reads them itself, which shows that it includes what it
# needs.
function(primed_use_test_headers name)
  if(PRIMED_SANITIZE OR NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
    target_precompile_headers(${name} REUSE_FROM primed-test-headers)
  endif()
endfunction()

# primed_headers_alone(FOLDER LINK …): compiles each header of include/LAYER or src/LAYER on its
# own, twice over, which shows that it includes what it needs and minds being included again. A
# public header has to do without src. A header of src that has a source is compiled so with that,
# which includes it before all else, as `tidy` sees to.
function(primed_headers_alone folder)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LINK")
  get_filename_component(top ${folder} DIRECTORY)
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/${top}
    ${PROJECT_SOURCE_DIR}/${folder}/*.hpp)
  if(NOT headers)
    return()
  endif()
  string(REPLACE / - name primed-headers-${folder})
  foreach(header IN LISTS headers)
    string(REGEX REPLACE "hpp$" "cpp" source ${PROJECT_SOURCE_DIR}/${top}/${header})
    if(top STREQUAL "src" AND EXISTS ${source})
      continue()
    endif()
    string(MAKE_C_IDENTIFIER ${header} file)
    configure_file(${PROJECT_SOURCE_DIR}/cmake/header_alone.cpp.in ${name}/${file}.cpp @ONLY)
    list(APPEND sources ${CMAKE_CURRENT_BINARY_DIR}/${name}/${file}.cpp)
  endforeach()
  if(NOT sources)
    return()
  endif()
  add_library(${name} OBJECT ${sources})
  target_link_libraries(${name} PRIVATE primed_options ${arg_LINK})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/${top})
endfunction()
