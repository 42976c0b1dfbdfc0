# Takes ccache and lld when they are here; nothing changes in what is built when they are not.
if(NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(FAULTLINE_CCACHE ccache)
  if(FAULTLINE_CCACHE)
    # Without these two a source with a precompiled header is never found again (ccache manual, "Precompiled headers").
    set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env CCACHE_SLOPPINESS=pch_defines,time_macros
                                    "${FAULTLINE_CCACHE}")
    add_compile_options($<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
  endif()
endif()

include(CheckLinkerFlag)
check_linker_flag(CXX -fuse-ld=lld FAULTLINE_HAS_LLD)
if(FAULTLINE_HAS_LLD)
  add_link_options(-fuse-ld=lld)
endif()

# Coloured diagnostics under Ninja, which looks like a pipe to the compiler.
if(NOT DEFINED CMAKE_COLOR_DIAGNOSTICS)
  set(CMAKE_COLOR_DIAGNOSTICS ON)
endif()
