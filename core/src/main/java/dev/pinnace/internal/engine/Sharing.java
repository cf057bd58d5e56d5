package dev.pinnace.internal.engine;

import dev.pinnace.error.ConflictException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.internal.container.Hostname;
import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.oci.RuntimeConfig;
import dev.pinnace.oci.RuntimeConfig.NamespaceType;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.NamespaceSpec;
import dev.pinnace.spec.NamespaceSpec.NetworkMode;
import dev.pinnace.spec.NamespaceSpec.UserMap;
import dev.pinnace.spi.isolation.RunningContainer;
import dev.pinnace.spi.isolation.RunningContainer.Phase;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/** Containers whose namespaces a container shares: what that comes to. Thread-safe. */
final class Sharing {
  private final ContainerFinder finder;
  private final ContainerLookup lookup;
  private final LiveContainers live;

  Sharing(ContainerFinder finder, ContainerLookup lookup, LiveContainers live) {
    this.finder = finder;
    this.lookup = lookup;
    this.live = live;
  }

  /**
   * The same specification, the others known by their ids, which stay what they are when they are
   * renamed.
   *
   * @throws NotFoundException if one of them is not there
   */
  ContainerSpec byId(ContainerSpec spec) {
    return spec.namespaces().others().isEmpty()
        ? spec
        : spec.withNamespaces(spec.namespaces().withOthers(name -> finder.get(name).hex()));
  }

  /**
   * What a container with those namespaces has: what another has of the host is the host's, and the
   * name that it shares is its own.
   *
   * @throws InvalidSpecException if it cannot be shared
   */
  NamespaceSpec effective(NamespaceSpec wanted) {
    if (wanted.others().isEmpty()) {
      return wanted;
    }
    Optional<String> network = kept(wanted, wanted.networkOf(), NamespaceType.NETWORK);
    Optional<String> pid = kept(wanted, wanted.pidOf(), NamespaceType.PID);
    Optional<String> ipc = kept(wanted, wanted.ipcOf(), NamespaceType.IPC);
    Optional<String> uts = kept(wanted, wanted.utsOf(), NamespaceType.UTS);
    wanted.ipcOf().map(this::record).ifPresent(Sharing::requireMemory);
    Optional<ContainerRecord> named = wanted.utsOf().or(wanted::networkOf).map(this::record);
    return new NamespaceSpec(
        wanted.networkOf().isPresent() && network.isEmpty() ? NetworkMode.HOST : wanted.network(),
        wanted.hostPid() || (pid.isEmpty() && wanted.pidOf().isPresent()),
        wanted.hostIpc() || (ipc.isEmpty() && wanted.ipcOf().isPresent()),
        wanted.hostUts() || (uts.isEmpty() && wanted.utsOf().isPresent()),
        wanted.hostCgroup(),
        wanted.userMap(),
        wanted.timeOffsets(),
        named.map(this::hostname).or(wanted::hostname),
        named
            .map(other -> other.config().domainname())
            .filter(domain -> !domain.isEmpty())
            .or(wanted::domainname),
        wanted.extraHosts(),
        wanted.dns(),
        wanted.dnsSearch(),
        wanted.dnsOptions(),
        wanted.sysctls(),
        network,
        pid,
        ipc,
        uts,
        wanted.noShm(),
        wanted.networks(),
        wanted.ports(),
        wanted.exposed(),
        wanted.publishAll(),
        wanted.cgroupParent());
  }

  private Optional<String> kept(NamespaceSpec wanted, Optional<String> other, NamespaceType type) {
    return other.filter(
        id -> {
          ContainerRecord record = record(id);
          boolean own = record.config().linux().has(type);
          if (own) {
            requireSameUsers(wanted.userMap(), record, type);
          }
          return own;
        });
  }

  /** Namespaces belong to a user namespace, in which alone their file systems can be mounted. */
  private static void requireSameUsers(
      Optional<UserMap> users, ContainerRecord other, NamespaceType type) {
    Optional<UserMap> theirs = other.spec().namespaces().userMap();
    if (!users.equals(theirs)) {
      throw new InvalidSpecException(
          "the "
              + words(type)
              + " of container \""
              + other.name()
              + "\" cannot be shared: its users are "
              + words(theirs)
              + ", and this container's "
              + words(users)
              + ": give both the same user map, or none");
    }
  }

  private static String words(Optional<UserMap> users) {
    return users
        .map(map -> map.hostUid() + ":" + map.hostGid() + ":" + map.size())
        .orElse("the host's");
  }

  private static String words(NamespaceType type) {
    return switch (type) {
      case PID -> "processes";
      case IPC -> "IPC";
      case UTS -> "host name";
      default -> "network";
    };
  }

  private static void requireMemory(ContainerRecord other) {
    if (other.spec().namespaces().noShm()) {
      throw new InvalidSpecException(
          "the IPC of container \""
              + other.name()
              + "\" cannot be shared: it has no /dev/shm; make it without that option");
    }
  }

  /** Its namespaces, with the name of the container whose host name it shares, if that is there. */
  NamespaceSpec named(ContainerRecord record) {
    NamespaceSpec own = record.spec().namespaces();
    Optional<String> name =
        own.utsOf()
            .flatMap(id -> lookup.find(new ContainerId(id)))
            .map(this::hostname)
            .or(() -> Optional.of(record.config().hostname()).filter(text -> !text.isEmpty()));
    return own.others().isEmpty() || own.hostUts() || name.isEmpty() ? own : own.withHostname(name);
  }

  /** The name that a container goes by, which may be that of yet another one. */
  private String hostname(ContainerRecord record) {
    if (!record.config().hostname().isEmpty()) {
      return record.config().hostname();
    }
    return record
        .spec()
        .namespaces()
        .utsOf()
        .map(this::record)
        .map(this::hostname)
        .orElseGet(() -> Hostname.of(record.id(), record.spec().namespaces()));
  }

  private ContainerRecord record(String id) {
    return lookup.record(new ContainerId(id));
  }

  /**
   * Connections to the containers whose namespaces it joins, by type.
   *
   * @throws NotFoundException if one that it shares something with is not there any more
   * @throws ConflictException if one does not run
   */
  Map<NamespaceType, RunningContainer> running(ContainerRecord record) {
    Map<NamespaceType, RunningContainer> joined = new EnumMap<>(NamespaceType.class);
    NamespaceSpec spec = record.spec().namespaces();
    join(record, spec.networkOf(), NamespaceType.NETWORK, joined);
    join(record, spec.pidOf(), NamespaceType.PID, joined);
    join(record, spec.ipcOf(), NamespaceType.IPC, joined);
    join(record, spec.utsOf(), NamespaceType.UTS, joined);
    return joined;
  }

  /** Fails as {@link #running} does. */
  void ensureRunning(ContainerRecord record) {
    Map<NamespaceType, RunningContainer> unused = running(record);
  }

  private void join(
      ContainerRecord record,
      Optional<String> other,
      NamespaceType type,
      Map<NamespaceType, RunningContainer> joined) {
    if (other.isEmpty()) {
      return;
    }
    RuntimeConfig.Linux linux = record.config().linux();
    RunningContainer running = running(record, new ContainerId(other.get()), type);
    if (linux.joins(type)) {
      joined.put(type, running);
    }
  }

  private RunningContainer running(ContainerRecord record, ContainerId id, NamespaceType type) {
    String what = "cannot start \"" + record.name() + "\": container ";
    ContainerRecord other =
        lookup
            .find(id)
            .orElseThrow(
                () ->
                    new NotFoundException(
                        what
                            + id.shortHex()
                            + ", whose "
                            + words(type)
                            + " it shares, is not there any more: make it anew with another"));
    return live.find(id, lookup.place(other))
        .filter(Sharing::isUp)
        .orElseThrow(
            () ->
                new ConflictException(
                    what
                        + "\""
                        + other.name()
                        + "\", whose "
                        + words(type)
                        + " it shares, does not run: start that one first"));
  }

  private static boolean isUp(RunningContainer container) {
    Phase phase = container.status().phase();
    return phase == Phase.RUNNING || phase == Phase.PAUSED;
  }
}
