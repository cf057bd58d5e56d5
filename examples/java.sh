# Sourced by pinnace and quickstart, which set $here: finds java and the class path, and becomes the program.
# shellcheck shell=sh
# shellcheck disable=SC2154

fail() {
  echo "pinnace: $1" >&2
  exit 125
}

# A stream that the caller has closed becomes /dev/null, as whatever the JVM opens first would take its number.
{ true 3<&0; } 2>/dev/null || exec </dev/null
{ true 3>&1; } 2>/dev/null || exec >/dev/null
{ true 3>&2; } || exec 2>/dev/null

[ -n "$(pwd -P 2>/dev/null)" ] || fail "the current directory has been removed: change to another one"

run_java() { # run_java CLASS ARGUMENT...
  if [ -n "${JAVA_HOME:-}" ]; then
    java=$JAVA_HOME/bin/java
    [ -x "$java" ] || fail "JAVA_HOME is $JAVA_HOME, which has no bin/java: set it to a JDK 17 or later"
  else
    java=$(command -v java) || fail "there is no java in PATH: install a JDK 17 or later, or set JAVA_HOME"
  fi

  jar=
  for candidate in "$here"/target/pinnace-examples-*.jar; do
    case $candidate in
      *-sources.jar | *-javadoc.jar | *-tests.jar) ;;
      *) [ ! -f "$candidate" ] || jar=$candidate ;;
    esac
  done
  if [ -z "$jar" ] || [ ! -d "$here/target/lib" ]; then
    fail "it is not built yet: run \"./mvnw -q -B -DskipTests package\" in $(dirname "$here")"
  fi

  # Without a UTF-8 locale the JVM would lose every other character of the arguments.
  case ${LC_ALL:-${LC_CTYPE:-${LANG:-}}} in
    *[Uu][Tt][Ff]*) ;;
    *) export LC_ALL=C.UTF-8 ;;
  esac

  # dash, bash and busybox have it
  # shellcheck disable=SC3045
  files=$(ulimit -n)
  if [ "$files" != unlimited ] && [ "$files" -lt 32 ]; then
    echo "pinnace: EMFILE (too many open files): the limit is $files, and Java alone needs 32; raise it (ulimit -n)" >&2
    exit 125
  fi

  # Of a user who is not in the passwd file Java takes the home for "?", and images and JNA would be kept below that.
  home=
  if ! id -un >/dev/null 2>&1; then
    [ -n "${HOME:-}" ] || fail "HOME is not set, and the user $(id -u) is not in the passwd file: set HOME to a directory of that user"
    home=-Duser.home=$HOME
  fi

  # A short life: no optimising compiler, one thread for garbage, shared classes. HTTP with buffers that suit layers. That a thread
  # could not be started is said once, and not by the JVM. Warnings are for people: no names of threads and classes.
  # shellcheck disable=SC2086
  exec "$java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto -Xlog:os+thread=off --enable-native-access=ALL-UNNAMED \
    -Dfile.encoding=UTF-8 -Djdk.httpclient.bufsize=65536 -Dorg.slf4j.simpleLogger.defaultLogLevel=warn \
    -Dorg.slf4j.simpleLogger.showThreadName=false -Dorg.slf4j.simpleLogger.showLogName=false \
    ${home:+"$home"} ${PINNACE_JAVA_OPTS:-} -cp "$jar:$here/target/lib/*" "$@"
}
