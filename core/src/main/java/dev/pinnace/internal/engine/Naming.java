package dev.pinnace.internal.engine;

import dev.pinnace.error.ConflictException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.internal.state.ContainerNames;
import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.internal.state.ContainerStore;
import dev.pinnace.linux.file.LockFile;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.ContainerName;
import java.util.Optional;

/** Gives containers their names, and other ones. Thread-safe. */
final class Naming {
  private static final int PROPOSALS = 50;

  private final ContainerStore store;

  Naming(ContainerStore store) {
    this.store = store;
  }

  /** Takes the name that was asked for, or a generated one, for a container that is being made. */
  String take(Optional<String> asked, ContainerId id) {
    ContainerNames names = store.names();
    if (asked.isPresent()) {
      if (!names.take(asked.get(), id)) {
        throw taken(asked.get());
      }
      return asked.get();
    }
    for (int attempt = 0; attempt < PROPOSALS; attempt++) {
      String name = Names.propose(attempt);
      if (names.take(name, id)) {
        return name;
      }
    }
    throw new PinnaceException("no free name was found in " + PROPOSALS + " attempts: give one");
  }

  /** Gives a container another name: the one before. */
  String rename(ContainerId id, String name) {
    ContainerName.requireValid(name);
    try (LockFile lock = store.lock(id)) {
      ContainerRecord record =
          store
              .read(id)
              .orElseThrow(() -> new NotFoundException("there is no container " + id.shortHex()));
      if (record.name().equals(name)) {
        throw new ConflictException("container " + name + " has that name already");
      }
      if (store.names().change(record, name).isEmpty()) {
        throw taken(name);
      }
      return record.name();
    }
  }

  private ConflictException taken(String name) {
    return new ConflictException(
        "the name \""
            + name
            + "\" is taken by "
            + store.names().holderOf(name)
            + ": remove it, or choose another name");
  }
}
