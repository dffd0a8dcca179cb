# SPDX-License-Identifier: MIT
vmkerla_elf_SOURCES += %D%/uart.c
vmkerla_elf_SOURCES += %D%/uart_early.c
