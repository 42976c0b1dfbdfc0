# faultline_target_options(<target>): what every target of this project is compiled with.
#
# Warnings are ours alone (PRIVATE), and errors only when this is the top-level project: a newer compiler must not
# break the build of somebody who merely uses Faultline (`cmake --compile-no-warning-as-error` helps in ours).
# -ffp-contract=off keeps g++ and clang++ from fusing a*b+c in different places, which would make runs differ.
# -fmacro-prefix-map makes FL_CHECK say "engine/disk.cpp:12", wherever the tree lies.
function(faultline_target_options target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF POSITION_INDEPENDENT_CODE ON)
  target_compile_options(${target} PRIVATE -ffp-contract=off "-fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=")
  if(PROJECT_IS_TOP_LEVEL)
    set_target_properties(${target} PROPERTIES COMPILE_WARNING_AS_ERROR ON)
    target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
                                             -Wnon-virtual-dtor)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
      # g++ 12 sees overlapping and endless copies in std::string's operator+ where there are none (GCC bugs 105329, 105651).
      target_compile_options(${target} PRIVATE -Wno-restrict -Wno-stringop-overflow -Wno-array-bounds)
    endif()
  endif()
endfunction()
