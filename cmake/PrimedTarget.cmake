# What every target of the house has in common: warnings, sanitizers, where its headers are.

add_library(primed_options INTERFACE)
target_compile_options(primed_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual
  $<$<BOOL:${PRIMED_WARNINGS_AS_ERRORS}>:-Werror>)
if(PRIMED_SANITIZE)
  target_compile_options(primed_options INTERFACE
    -fsanitize=${PRIMED_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(primed_options INTERFACE -fsanitize=${PRIMED_SANITIZE})
endif()

# primed_add_tests(NAME LAYER SOURCES …): one doctest program, each of its cases a test of ctest.
function(primed_add_tests name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINK")
  add_executable(${name} ${arg_SOURCES} $<TARGET_OBJECTS:test_main>)
  target_link_libraries(${name} PRIVATE doctest::doctest primed_options ${arg_LINK})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests ${PROJECT_SOURCE_DIR}/src)
  doctest_discover_tests(${name} PROPERTIES TIMEOUT 120)
endfunction()
