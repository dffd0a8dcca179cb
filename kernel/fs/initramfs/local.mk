# SPDX-License-Identifier: MIT
vmkerla_elf_SOURCES += %D%/initramfs.c
