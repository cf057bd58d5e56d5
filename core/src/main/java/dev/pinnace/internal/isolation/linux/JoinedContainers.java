package dev.pinnace.internal.isolation.linux;

import dev.pinnace.error.ConflictException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.Inode;
import dev.pinnace.linux.process.Pidfd;
import dev.pinnace.oci.RuntimeConfig.NamespaceType;
import dev.pinnace.spi.isolation.RunRequest;
import dev.pinnace.spi.isolation.RunningContainer;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a launcher needs of the containers whose namespaces one joins: their first processes, as
 * their supervisors give them, and descriptors of the namespaces that outlive those. A number of a
 * process is used only while its pidfd says afterwards that it was still that process's.
 */
final class JoinedContainers {
  private final RunRequest request;
  private final Descriptors descriptors;

  JoinedContainers(RunRequest request, Descriptors descriptors) {
    this.request = request;
    this.descriptors = descriptors;
  }

  /**
   * Passes what is needed.
   *
   * @throws ConflictException if one has ended
   * @throws UnsupportedException if they have user namespaces that differ, and one is to be joined
   */
  void pass(boolean userNamespace) {
    Fd users = null;
    String whose = "";
    for (Map.Entry<NamespaceType, RunningContainer> entry :
        new TreeMap<>(request.joined()).entrySet()) {
      Pidfd process = process(entry.getValue());
      String id = entry.getValue().place().id();
      if (userNamespace) {
        Fd theirs = descriptors.own(namespace(process, "user", id));
        if (users != null && !Inode.stat(theirs).isSameFile(Inode.stat(users))) {
          throw differing(whose, id);
        }
        users = theirs;
        whose = id;
      }
      pass(entry.getKey(), process, id);
    }
    request
        .network()
        .ifPresent(
            path -> descriptors.give(Descriptors.JOINED_NETWORK, Inode.openForReading(path)));
    if (users != null) {
      descriptors.lend(Descriptors.JOINED_USER, users);
    }
  }

  private void pass(NamespaceType type, Pidfd process, String id) {
    switch (type) {
      case NETWORK -> descriptors.give(Descriptors.JOINED_NETWORK, namespace(process, "net", id));
      case PID -> descriptors.lend(Descriptors.JOINED_PID, process.fd());
      case IPC -> descriptors.lend(Descriptors.JOINED_IPC, process.fd());
      case UTS -> descriptors.lend(Descriptors.JOINED_UTS, process.fd());
      default -> throw new IllegalArgumentException("nobody shares a namespace of type " + type);
    }
  }

  private Pidfd process(RunningContainer container) {
    if (!(container instanceof LinuxContainer linux)) {
      throw new IllegalArgumentException(container + " is of another isolation backend");
    }
    return descriptors.own(linux.firstProcess().orElseThrow(() -> ended(container.place().id())));
  }

  private Fd namespace(Pidfd process, String name, String id) {
    int pid = process.pid().orElseThrow(() -> ended(id));
    Fd namespace;
    try {
      namespace = Inode.openForReading(Path.of("/proc/" + pid + "/ns", name));
    } catch (ErrnoException e) {
      if (e.is(Errno.ENOENT, Errno.ESRCH) || !process.isAlive()) {
        throw ended(id);
      }
      throw e;
    }
    if (!process.isAlive()) {
      namespace.close();
      throw ended(id);
    }
    return namespace;
  }

  private ConflictException ended(String id) {
    return new ConflictException(
        "cannot start \""
            + request.name()
            + "\": container "
            + id.substring(0, 12)
            + ", whose namespaces it shares, does not run: start that one first");
  }

  private UnsupportedException differing(String one, String other) {
    return new UnsupportedException(
        "\"" + request.name() + "\" with namespaces of several containers",
        "each belongs to a user namespace, and those of "
            + one.substring(0, 12)
            + " and "
            + other.substring(0, 12)
            + " differ",
        "share those of one container, or of containers that share a namespace with each other");
  }
}
