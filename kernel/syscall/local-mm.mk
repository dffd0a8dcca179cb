# SPDX-License-Identifier: MIT
vmkerla_elf_SOURCES += %D%/sys_mm.c %D%/sys_process_vm.c
