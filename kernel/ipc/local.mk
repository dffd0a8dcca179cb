# SPDX-License-Identifier: MIT
vmkerla_elf_SOURCES += %D%/ids.c %D%/ns.c
vmkerla_elf_SOURCES += %D%/shm.c %D%/shm_ctl.c
vmkerla_elf_SOURCES += %D%/sem.c %D%/sem_ops.c %D%/sem_ctl.c %D%/sem_undo.c
vmkerla_elf_SOURCES += %D%/msg.c %D%/msg_pick.c %D%/msg_ctl.c
vmkerla_elf_SOURCES += %D%/mqueue.c %D%/mq_queue.c %D%/mq_notify.c
noinst_HEADERS += %D%/local.h %D%/msg.h %D%/sem.h %D%/mq.h
