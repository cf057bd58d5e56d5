package dev.pinnace.internal.isolation.linux;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.ConflictException;
import dev.pinnace.internal.isolation.linux.cgroup.CgroupTree;
import dev.pinnace.internal.isolation.linux.supervisor.EventLoop;
import dev.pinnace.internal.isolation.linux.supervisor.PipedOutput;
import dev.pinnace.internal.isolation.linux.supervisor.Replies;
import dev.pinnace.internal.isolation.linux.supervisor.SupervisedAttachment;
import dev.pinnace.internal.isolation.linux.supervisor.SupervisedContainer;
import dev.pinnace.internal.waiting.Waits;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.LockFile;
import dev.pinnace.linux.file.Memfd;
import dev.pinnace.linux.net.UnixSocket;
import dev.pinnace.linux.plan.LaunchPlan;
import dev.pinnace.linux.process.Launcher;
import dev.pinnace.linux.process.Pidfd;
import dev.pinnace.oci.RuntimeConfig.NamespaceType;
import dev.pinnace.spec.Lifetime;
import dev.pinnace.spi.isolation.ContainerPlace;
import dev.pinnace.spi.isolation.RunRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts supervisors, each with its plan and its descriptors. Thread-safe. */
final class Spawning {
  private static final Logger LOG = LoggerFactory.getLogger(Spawning.class);
  private static final Duration END_LIMIT = Duration.ofSeconds(20);
  private static final Duration LOCK_LIMIT = Duration.ofSeconds(2);

  private final EventLoop loop;
  private final Launcher launcher;
  private final CgroupTree cgroups;
  private final Fd lifeline;
  private final boolean unprivileged;

  /**
   * All of these stay their owner's.
   *
   * @param lifeline whose end ends the containers that are bound to it
   * @param unprivileged whether each supervisor makes a user namespace of its own
   */
  Spawning(
      EventLoop loop, Launcher launcher, CgroupTree cgroups, Fd lifeline, boolean unprivileged) {
    this.loop = loop;
    this.launcher = launcher;
    this.cgroups = cgroups;
    this.lifeline = lifeline;
    this.unprivileged = unprivileged;
  }

  /**
   * A container that runs.
   *
   * @param attachment who was attached from the beginning
   */
  record Started(SupervisedContainer container, Optional<SupervisedAttachment> attachment) {}

  /**
   * Starts a container and waits until its program is executed.
   *
   * @param recorded when its state is written: it is not executed before
   * @throws dev.pinnace.error.StartFailedException when that fails; nothing of it runs on then
   */
  Started start(
      RunRequest request,
      LaunchPlan plan,
      Optional<Fd> stdin,
      Optional<PipedOutput> output,
      CompletionStage<?> recorded) {
    Optional<String> cgroup = request.config().linux().cgroupsPath();
    if (cgroup.isEmpty()) {
      return start(request, plan, stdin, output, recorded, Optional.empty());
    }
    cgroups.ensure();
    try (CgroupTree.Parent parent =
        cgroups.makeParent(request.place(), cgroup.get(), controllers(request))) {
      return start(request, plan, stdin, output, recorded, Optional.of(parent.directory()));
    }
  }

  private static Set<String> controllers(RunRequest request) {
    return request.config().linux().resources().unified().keySet().stream()
        .map(file -> file.substring(0, file.indexOf('.')))
        .collect(Collectors.toSet());
  }

  private Started start(
      RunRequest request,
      LaunchPlan plan,
      Optional<Fd> stdin,
      Optional<PipedOutput> output,
      CompletionStage<?> recorded,
      Optional<Path> cgroupParent) {
    boolean attaching = request.attachment().isPresent();
    SupervisedContainer container =
        spawn(request, plan, attaching ? Optional.empty() : stdin, output, cgroupParent);
    try {
      output.ifPresent(PipedOutput::passedOn);
      Optional<SupervisedAttachment> attachment =
          request.attachment().map(a -> SupervisedAttachment.begin(loop, container, a, stdin));
      container.releaseWhen(recorded);
      Waits.await(container.started(), Replies.LIMIT, request.name() + " to start");
      return new Started(container, attachment.map(SupervisedAttachment::confirmed));
    } catch (RuntimeException e) {
      end(container);
      throw e;
    }
  }

  /**
   * Sets a container up and leaves it so, until {@link #end}: nothing of it is executed.
   *
   * @throws dev.pinnace.error.StartFailedException when that fails; nothing of it is left then
   */
  SupervisedContainer hold(RunRequest request, LaunchPlan plan) {
    SupervisedContainer container =
        spawn(request, plan, Optional.empty(), Optional.empty(), Optional.empty());
    try {
      Fd unused = Waits.await(container.held(), Replies.LIMIT, request.name() + " to be set up");
      return container;
    } catch (RuntimeException e) {
      end(container);
      throw e;
    }
  }

  /** Nothing of a start that failed, or was interrupted, may run on. */
  static void end(SupervisedContainer container) {
    container.abandon();
    if (!Waits.settle(container.gone(), END_LIMIT)) {
      LOG.warn("the supervisor of {} did not end in time", container.place().id());
    }
    container.close();
  }

  private SupervisedContainer spawn(
      RunRequest request,
      LaunchPlan plan,
      Optional<Fd> stdin,
      Optional<PipedOutput> output,
      Optional<Path> cgroupParent) {
    ContainerPlace place = request.place();
    UnixSocket.Pair control = UnixSocket.pair();
    boolean handedOver = false;
    try (Descriptors descriptors = new Descriptors();
        Dir run = Dir.open(place.runDirectory())) {
      LockFile lock = descriptors.own(LockFile.open(run, "lock"));
      take(lock, request.name());
      removeSocket(place);
      descriptors.own(control.right());
      UnixSocket listening = descriptors.own(UnixSocket.listen(run.path() + "/sock"));
      descriptors
          .give(Descriptors.PLAN, Memfd.sealed("pinnace-plan", plan.encode(launcher.buildId())))
          .lend(Descriptors.CONTROL, control.right().fd())
          .lend(Descriptors.LISTEN, listening.fd())
          .lend(Descriptors.LOCK, lock.fd())
          .directory(Descriptors.LOGS, place.logs())
          .directory(Descriptors.STATE, place.directory());
      if (request.lifetime() == Lifetime.BOUND) {
        descriptors.lend(Descriptors.LIFELINE, lifeline);
      }
      stdin.ifPresent(fd -> descriptors.lend(Descriptors.STDIN, fd));
      output.ifPresent(
          pipes ->
              descriptors
                  .lend(Descriptors.ATTACHED_STDOUT, pipes.toStdout())
                  .lend(Descriptors.ATTACHED_STDERR, pipes.toStderr()));
      request
          .events()
          .ifPresent(target -> descriptors.directory(Descriptors.EVENTS, target.directory()));
      passCgroups(descriptors, cgroupParent);
      new JoinedContainers(request, descriptors)
          .pass(unprivileged || request.config().linux().has(NamespaceType.USER));
      SupervisedContainer container =
          new SupervisedContainer(
              loop,
              control.left(),
              place,
              (section, step, errno) -> Unstarted.container(request.name(), plan, step, errno));
      handedOver = true;
      launch(container, descriptors);
      return container;
    } finally {
      if (!handedOver) {
        control.left().close();
        control.right().close();
      }
    }
  }

  /** Whoever is spawned is listened to already, so that a start that fails can be ended. */
  private void launch(SupervisedContainer container, Descriptors descriptors) {
    try {
      reapLater(launcher.start(descriptors.byNumber()));
    } catch (RuntimeException e) {
      container.abandon();
      container.close();
      throw e;
    }
  }

  /**
   * The lock of a container that has just ended can be held for some milliseconds more: by whoever
   * asks whether it lives, or by a process that some thread of this JVM has forked and that has not
   * reached its execve.
   */
  private static void take(LockFile lock, String name) {
    try {
      if (lock.lock(LockFile.Mode.EXCLUSIVE, LOCK_LIMIT)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancelledException("interrupted while starting " + name, e);
    }
    throw new ConflictException("container \"" + name + "\" runs already");
  }

  /** Whoever tidies up the cgroup tree may have removed the directories: they are made again. */
  private void passCgroups(Descriptors descriptors, Optional<Path> parent) {
    if (cgroups.base().isEmpty()) {
      return;
    }
    try {
      openCgroups(descriptors, parent);
    } catch (ErrnoException e) {
      if (!e.is(Errno.ENOENT)) {
        throw e;
      }
      cgroups.ensure();
      openCgroups(descriptors, parent);
    }
  }

  private void openCgroups(Descriptors descriptors, Optional<Path> parent) {
    cgroups.supervisors().ifPresent(path -> descriptors.directory(Descriptors.SUPERVISORS, path));
    parent.or(cgroups::base).ifPresent(path -> descriptors.directory(Descriptors.CGROUPS, path));
  }

  /** The spawned process ends as soon as it has cloned the supervisor. */
  private void reapLater(Pidfd spawned) {
    try {
      loop.watch(
          spawned.fd(),
          watch -> {
            watch.end();
            spawned.reap();
            spawned.close();
          },
          lost -> spawned.reapAtEnd());
    } catch (RuntimeException e) {
      spawned.reapAtEnd();
      throw e;
    }
  }

  /**
   * The exit record of an earlier run stays until the supervisor removes it: a start that fails
   * before there is one changes nothing.
   */
  private static void removeSocket(ContainerPlace place) {
    try {
      Files.deleteIfExists(place.socket());
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot remove what an earlier run left in " + place.runDirectory(), e);
    }
  }
}
