# SPDX-License-Identifier: MIT
# options.m4 - helpers for switches that say what they did.
#
# A feature asked for and impossible is an error; a feature that is only the
# default and impossible becomes "no (reason)", which the summary prints.

# KERLA_NEED(VARIABLE, WHAT, CONDITION, REASON)
# ---------------------------------------------
# VARIABLE holds yes (asked for), auto (default) or no. When CONDITION, a
# shell command, fails: yes is an error, auto becomes "no (REASON)".
AC_DEFUN([KERLA_NEED],
[AS_CASE(["$$1"],
 [no|no\ *], [],
 [AS_IF([$3], [],
   [AS_IF([test "x$$1" = xauto],
     [$1="no ($4)"],
     [AC_MSG_ERROR([$2: $4])])])])])

# KERLA_SETTLE(VARIABLE): what is still auto is yes.
AC_DEFUN([KERLA_SETTLE], [AS_IF([test "x$$1" = xauto], [$1=yes])])

# KERLA_YESNO(SWITCH, VARIABLE): only yes and no are answers.
AC_DEFUN([KERLA_YESNO],
[AS_CASE(["$$2"], [yes|no|auto], [],
 [AC_MSG_ERROR([$1 takes yes or no, not "$$2"])])])
