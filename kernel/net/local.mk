# SPDX-License-Identifier: MIT
vmkerla_elf_SOURCES += %D%/scm.c %D%/socket.c %D%/sockopt.c
vmkerla_elf_SOURCES += %D%/unix/bind.c %D%/unix/connect.c %D%/unix/dgram.c
vmkerla_elf_SOURCES += %D%/unix/gc.c %D%/unix/msg.c %D%/unix/proc.c
vmkerla_elf_SOURCES += %D%/unix/stream.c %D%/unix/unix.c
vmkerla_elf_SOURCES += %D%/netlink/mqueue.c
vmkerla_elf_SOURCES += %D%/netlink/msg.c %D%/netlink/netlink.c
vmkerla_elf_SOURCES += %D%/netlink/request.c %D%/netlink/route.c
vmkerla_elf_SOURCES += %D%/netlink/sockopt.c %D%/netlink/uevent.c
noinst_HEADERS += %D%/netlink/netlink.h
noinst_HEADERS += %D%/unix/unix.h
