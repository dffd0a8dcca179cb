/* SPDX-License-Identifier: MIT */
/* The configuration that host tests compile the kernel with: every check on. */
#define CONFIG_SMP 1
#define CONFIG_MAX_CPUS 4
#define CONFIG_FRAMEBUFFER 1
#define CONFIG_DEBUG 1
#define CONFIG_UBSAN 0
#define CONFIG_UNAME_RELEASE "6.1.0-host"
#define CONFIG_UNAME_VERSION "#1 test"
#define KERLA_VERSION "0"
#ifndef __ASSEMBLER__
/* string.c's, beside the libc's with its checks: see host.mk */
#ifdef HOST_OWN_STRING
#include "own_string.h"
#endif
#endif
