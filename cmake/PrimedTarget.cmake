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
  add_executable(${name} ${arg_SOURCES} $<TARGET_OBJECTS:test_main>)
  target_link_libraries(${name} PRIVATE doctest::doctest primed_options ${arg_LINK})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests ${PROJECT_SOURCE_DIR}/src)
  doctest_discover_tests(${name}
    PROPERTIES TIMEOUT 120 FAIL_REGULAR_EXPRESSION "test cases: +0 " ${arg_PROPERTIES})
  set_property(GLOBAL APPEND PROPERTY PRIMED_TEST_PROGRAMS ${name})
  if(NOT arg_UNPRECOMPILED)
    primed_use_test_headers(${name})
  endif()
endfunction()

# primed_use_test_headers(NAME): spares the program reading the headers that most tests include. In
# the unoptimised build, where each source is seen to include what it needs, only those of its
# sources are spared it that include these headers.
function(primed_use_test_headers name)
  target_precompile_headers(${name} REUSE_FROM test_headers)
  if(PRIMED_SANITIZE OR NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
    return()
  endif()
  get_target_property(sources ${name} SOURCES)
  list(FILTER sources INCLUDE REGEX "\\.cpp$")
  foreach(source IN LISTS sources)
    primed_includes_aio(${CMAKE_CURRENT_SOURCE_DIR}/${source} includes_aio)
    if(NOT includes_aio)
      set_source_files_properties(${source} PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
    endif()
  endforeach()
endfunction()

# primed_includes_aio(FILE RESULT): whether the file, or what it includes of ours, includes all of
# aio.
function(primed_includes_aio file result)
  set(${result} FALSE PARENT_SCOPE)
  file(STRINGS ${file} lines REGEX "^#include \"")
  foreach(line IN LISTS lines)
    string(REGEX REPLACE "^#include \"(.*)\".*" "\\1" header "${line}")
    set(includes_aio FALSE)
    if(header STREQUAL "aio/aio.hpp")
      set(includes_aio TRUE)
    elseif(EXISTS ${PROJECT_SOURCE_DIR}/tests/${header})
      primed_includes_aio(${PROJECT_SOURCE_DIR}/tests/${header} includes_aio)
    elseif(EXISTS ${PROJECT_SOURCE_DIR}/src/${header})
      primed_includes_aio(${PROJECT_SOURCE_DIR}/src/${header} includes_aio)
    endif()
    if(includes_aio)
      set(${result} TRUE PARENT_SCOPE)
      return()
    endif()
  endforeach()
endfunction()

# primed_headers_alone(FOLDER LINK …): compiles each header of include/LAYER or src/LAYER on its
# own, twice over, which shows that it includes what it needs and minds being included again. A
# public header has to do without src. A header of src that its own source includes before all else
# is compiled so already, with that source.
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
    primed_comes_first(${PROJECT_SOURCE_DIR}/${top}/${header} comes_first)
    if(top STREQUAL "src" AND comes_first)
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

# primed_comes_first(HEADER RESULT): whether the source of the same name includes it first.
function(primed_comes_first header result)
  set(${result} FALSE PARENT_SCOPE)
  string(REGEX REPLACE "hpp$" "cpp" source ${header})
  if(NOT EXISTS ${source})
    return()
  endif()
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source})
  file(STRINGS ${source} first LIMIT_COUNT 1 REGEX "^#include")
  string(REGEX REPLACE "^#include \"(.*)\".*" "\\1" first "${first}")
  get_filename_component(folder ${source} DIRECTORY)
  if(header STREQUAL "${folder}/${first}" OR header STREQUAL "${PROJECT_SOURCE_DIR}/src/${first}")
    set(${result} TRUE PARENT_SCOPE)
  endif()
endfunction()
