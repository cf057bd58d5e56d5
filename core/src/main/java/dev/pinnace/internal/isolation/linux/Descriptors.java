package dev.pinnace.internal.isolation.linux;

import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.Dir;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The descriptors of a launcher by number (docs/formats.md, <i>Descriptors of a launcher</i>);
 * those that were opened for it are closed.
 */
final class Descriptors implements AutoCloseable {
  static final int PLAN = 3;
  static final int CONTROL = 4;
  static final int LISTEN = 5;
  static final int LIFELINE = 6;
  static final int LOCK = 7;
  static final int LOGS = 8;
  static final int STATE = 9;
  static final int STDIN = 10;
  static final int SUPERVISORS = 11;
  static final int CGROUPS = 12;
  static final int ATTACHED_STDOUT = 13;
  static final int ATTACHED_STDERR = 14;
  static final int EVENTS = 15;
  static final int JOINED_USER = 16;
  static final int JOINED_NETWORK = 17;
  static final int JOINED_PID = 18;
  static final int JOINED_IPC = 19;
  static final int JOINED_UTS = 20;

  private final SortedMap<Integer, Fd> byNumber = new TreeMap<>();
  private final Deque<AutoCloseable> owned = new ArrayDeque<>();

  /** Passes a descriptor that stays its owner's. */
  Descriptors lend(int number, Fd fd) {
    byNumber.put(number, fd);
    return this;
  }

  /** Passes a descriptor and closes it afterwards. */
  Descriptors give(int number, Fd fd) {
    owned.push(fd);
    return lend(number, fd);
  }

  /** Opens a directory and passes it. */
  Descriptors directory(int number, Path path) {
    Dir directory = Dir.open(path);
    owned.push(directory);
    return lend(number, directory.fd());
  }

  /** Closes {@code resource} too. */
  <T extends AutoCloseable> T own(T resource) {
    owned.push(resource);
    return resource;
  }

  SortedMap<Integer, Fd> byNumber() {
    return byNumber;
  }

  @Override
  public void close() {
    IllegalStateException failure = null;
    for (AutoCloseable resource : owned) {
      try {
        resource.close();
      } catch (Exception e) {
        failure = new IllegalStateException("cannot close " + resource, e);
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
