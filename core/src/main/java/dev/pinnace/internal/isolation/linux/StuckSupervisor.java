package dev.pinnace.internal.isolation.linux;

import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.process.Pidfd;
import dev.pinnace.spi.isolation.ContainerPlace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Ends a supervisor that answers nobody. It is known by what it holds: the container's lock, under
 * the number that the format gives it.
 */
final class StuckSupervisor {
  private static final int KILL = 9;
  private static final String NAME = "pinnace";

  private StuckSupervisor() {}

  /** Whether one was found and sent SIGKILL; only root may look. */
  static boolean kill(ContainerPlace place) {
    boolean killed = false;
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[1-9]*")) {
      for (Path process : processes) {
        killed |= holdsLock(process, place) && kill(process, place);
      }
      return killed;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot look for the supervisor of " + place.id(), e);
    }
  }

  /** Looked at again once nobody else can get its number. */
  private static boolean kill(Path process, ContainerPlace place) {
    try (Pidfd supervisor = Pidfd.open(Integer.parseInt(process.getFileName().toString()))) {
      return holdsLock(process, place) && supervisor.signal(KILL);
    } catch (ErrnoException gone) {
      return false;
    }
  }

  private static boolean holdsLock(Path process, ContainerPlace place) {
    try {
      return Files.readString(process.resolve("comm")).strip().equals(NAME)
          && Files.isSameFile(process.resolve("fd/" + Descriptors.LOCK), place.lock());
    } catch (IOException notOurs) {
      return false;
    }
  }
}
