package dev.pinnace.internal.engine;

import dev.pinnace.error.ConflictException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.internal.state.ContainerStore;
import dev.pinnace.spec.ContainerId;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Finds containers by what people call them. Thread-safe. */
final class ContainerFinder {
  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}");

  private final ContainerStore store;

  ContainerFinder(ContainerStore store) {
    this.store = store;
  }

  /**
   * The container of that name, else the one whose id begins so.
   *
   * @throws ConflictException if that fits several
   */
  Optional<ContainerId> find(String nameOrIdPrefix) {
    String name = nameOrIdPrefix.replaceFirst("^/", "");
    if (NAME.matcher(name).matches()) {
      Optional<ContainerId> named = store.names().find(name).filter(store::isRecorded);
      if (named.isPresent()) {
        return named;
      }
    }
    if (!nameOrIdPrefix.matches("[0-9a-f]{1,64}")) {
      return Optional.empty();
    }
    List<ContainerId> fitting =
        store.ids().stream()
            .filter(id -> id.hex().startsWith(nameOrIdPrefix))
            .filter(store::isRecorded)
            .toList();
    if (fitting.size() > 1) {
      throw new ConflictException(
          "\""
              + nameOrIdPrefix
              + "\" fits "
              + fitting.size()
              + " containers: "
              + fitting.stream().map(ContainerId::shortHex).toList());
    }
    return fitting.stream().findFirst();
  }

  /**
   * The same.
   *
   * @throws NotFoundException if there is none
   */
  ContainerId get(String nameOrIdPrefix) {
    return find(nameOrIdPrefix)
        .orElseThrow(
            () -> new NotFoundException("there is no container \"" + nameOrIdPrefix + "\""));
  }
}
