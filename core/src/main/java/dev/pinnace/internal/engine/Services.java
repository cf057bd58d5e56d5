package dev.pinnace.internal.engine;

import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spi.isolation.RunningContainer;
import java.util.Optional;

/**
 * What handles work through. Thread-safe.
 *
 * @param calls of the API, which all go through this
 */
record Services(
    Parts parts,
    LiveContainers live,
    Events events,
    Naming naming,
    ContainerFinder finder,
    Creation creation,
    ContainerLookup lookup,
    ContainerVolumes volumes,
    ContainerNetworks networks,
    NetworkConnections connections,
    VolumeMounts mounts,
    ContainerRemovals removals,
    Lifecycle lifecycle,
    States states,
    EventWaits waits,
    Execs execs,
    HealthChecks health,
    Attachments attachments,
    ContainerFiles files,
    ContainerCopies copies,
    Updates updates,
    Tasks tasks,
    Pulls pulls,
    Starts starts,
    Calls calls) {
  static Services of(Parts parts) {
    LiveContainers live = new LiveContainers(parts.isolation());
    Events events = new Events(parts.events(), parts.store());
    Calls calls = new Calls(parts.layout().root());
    Starts starts = new Starts(calls);
    Tasks tasks = new Tasks(parts.work());
    Pulls pulls = new Pulls(parts, tasks, events);
    Naming naming = new Naming(parts.store());
    ContainerLookup lookup = new ContainerLookup(parts, live);
    ContainerFinder finder = new ContainerFinder(parts.store());
    Sharing sharing = new Sharing(finder, lookup, live);
    ContainerLinks links = new ContainerLinks(parts, finder, lookup);
    DriverMounts drivers = new DriverMounts(parts);
    ContainerVolumes volumes =
        new ContainerVolumes(parts, events, new VolumePlaces(parts, drivers));
    ContainerNetworks networks = new ContainerNetworks(parts, live, lookup, events);
    VolumeMounts mounts = new VolumeMounts(parts, lookup, events, drivers);
    Creation creation =
        new Creation(parts, naming, pulls, finder, sharing, links, volumes, drivers);
    ContainerRemovals removals =
        new ContainerRemovals(parts, live, events, lookup, creation, volumes, mounts);
    States states = new States(parts, live, lookup);
    Execs execs = new Execs(parts, events, lookup, links, networks);
    HealthChecks health = new HealthChecks(parts, events, execs);
    ContainerCopies copies =
        new ContainerCopies(
            parts, lookup, new ContainerTrees(parts, live, lookup, creation, mounts));
    Lifecycle lifecycle =
        new Lifecycle(
            parts, live, events, creation, sharing, links, networks, lookup, removals, starts,
            health, copies, mounts);
    return new Services(
        parts,
        live,
        events,
        naming,
        finder,
        creation,
        lookup,
        volumes,
        networks,
        new NetworkConnections(parts, live, lookup, networks),
        mounts,
        removals,
        lifecycle,
        states,
        new EventWaits(events, lookup, states, live, health),
        execs,
        health,
        new Attachments(parts, events, lookup, lifecycle),
        new ContainerFiles(parts, live, lookup),
        copies,
        new Updates(parts, live, lookup),
        tasks,
        pulls,
        starts,
        calls);
  }

  /** The connection to a container, which is in view from now on; empty if it does not run. */
  Optional<RunningContainer> connection(ContainerId id) {
    ContainerRecord record = lookup.record(id);
    Optional<RunningContainer> running = live.find(id, lookup.place(record));
    running.ifPresent(container -> health.inView(record, container));
    return running;
  }
}
