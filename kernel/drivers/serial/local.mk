# SPDX-License-Identifier: MIT
vmkerla_elf_SOURCES += %D%/uart.c
vmkerla_elf_SOURCES += %D%/uart_poll.c
noinst_HEADERS += %D%/local.h %D%/uart_reg.h
