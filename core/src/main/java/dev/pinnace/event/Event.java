package dev.pinnace.event;

import dev.pinnace.spec.ContainerId;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Something that happened to a container, an image, a volume or a network, whichever JVM it was
 * that did it; starts and ends are told by its supervisor, also when no JVM lives. Immutable.
 *
 * @param time when, as the host's clock had it
 * @param action what
 * @param actor to what: the 64 hexadecimal digits of a container's id; an image's id, {@code
 *     sha256:...}, or what it is called where it was pulled or pushed; a volume's name, a network's
 *     id
 * @param name its name then; of an image one of its names, or its id; {@code START}, {@code DIE}
 *     and {@code OOM} of a container that was renamed in a time that the history does not have any
 *     more have the name of its start
 * @param image of a container as its user named it; of an image as {@code name}; of a volume empty
 * @param labels its labels; none where they take more than 32 KiB
 * @param details what else there is to say, by Docker's names; see {@link Action}
 */
public record Event(
    Instant time,
    Action action,
    String actor,
    String name,
    String image,
    Map<String, String> labels,
    Map<String, String> details) {
  /** What things happen to. */
  public enum Type {
    CONTAINER,
    IMAGE,
    VOLUME,
    NETWORK;

    /** Docker's word for it. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** What happened. The constants' numbers are those of docs/formats.md, <i>Events</i>. */
  public enum Action {
    CREATE(1),
    /** Its program runs, for the first time or again. */
    START(2),
    /**
     * A run has ended; {@code exitCode}, and {@code signal} if one ended it. Not told of one whose
     * supervisor was killed. That an engine closes, or its JVM dies, ends its bound containers
     * without {@code KILL} and {@code STOP}.
     */
    DIE(3),
    /** The kernel has ended processes of it for want of memory; told before {@code DIE}. */
    OOM(4),
    /** It was removed. */
    DESTROY(5),
    /**
     * It is sent a signal, {@code signal}, by request; the first one of a stop, too. Told before
     * what comes of it, and so also of a signal that is then refused.
     */
    KILL(6),
    /** It was stopped by request; told after {@code DIE}. */
    STOP(7),
    /** It was stopped and started again by request; told after that. */
    RESTART(8),
    PAUSE(9),
    UNPAUSE(10),
    /** It has another name; {@code oldName}. */
    RENAME(11),
    /** Its limits were changed. */
    UPDATE(12),
    /** A program was started in it; {@code command}. */
    EXEC_START(13),
    /**
     * That has ended; {@code command} and {@code exitCode}. Not told of one whose JVM was killed
     * before it had left it, nor of a detached one that a supervisor of an older version keeps.
     */
    EXEC_DIE(14),
    /** Files were copied; {@code direction} {@code in} or {@code out}, and {@code path} in it. */
    COPY(15),
    /** An image was made of it; {@code imageID}. */
    COMMIT(16),
    /** Somebody is attached to it. */
    ATTACH(17),
    /** Somebody is attached to it no more, and it goes on. */
    DETACH(18),
    /** Its health is another; {@code healthStatus}, as in {@code healthy}. */
    HEALTH_STATUS(20),
    /** An image was pulled, or was here already. */
    PULL(32, Type.IMAGE),
    PUSH(33, Type.IMAGE),
    /** An image has a further name. */
    TAG(34, Type.IMAGE),
    /** An image has lost a name. */
    UNTAG(35, Type.IMAGE),
    /**
     * An image is gone by request. Of one that was removed by force while a container used it that
     * is told at once, and nothing more when its layers go with the container.
     */
    DELETE(36, Type.IMAGE),
    /** An image came out of an archive. */
    LOAD(37, Type.IMAGE),
    /** An image was written to an archive. */
    SAVE(38, Type.IMAGE),
    /** An image was made of files: of a tar, or of programs of the host. */
    IMPORT(39, Type.IMAGE),
    /** A volume was made; {@code create} for Docker. */
    VOLUME_CREATE(48, Type.VOLUME),
    /** A volume was removed, also with a container; {@code destroy} for Docker. */
    VOLUME_DESTROY(49, Type.VOLUME),
    /**
     * A container has begun to run with a volume; {@code container}, {@code destination}, {@code
     * driver}, {@code propagation} and {@code read/write}. {@code mount} for Docker.
     */
    VOLUME_MOUNT(50, Type.VOLUME),
    /**
     * It has ended; {@code container} and {@code driver}. Told by the engine that has started it,
     * if that is open still. {@code unmount} for Docker.
     */
    VOLUME_UNMOUNT(51, Type.VOLUME),
    /** A network was made; {@code create} for Docker. */
    NETWORK_CREATE(56, Type.NETWORK),
    /** A network was removed; {@code destroy} for Docker. */
    NETWORK_DESTROY(57, Type.NETWORK),
    /**
     * A container that runs, or has begun to, is connected to a network; {@code container}, the 64
     * digits of its id, and {@code type}. {@code connect} for Docker.
     */
    NETWORK_CONNECT(58, Type.NETWORK),
    /**
     * It is not any more, or has ended; the same. Of an end it is told by the engine that has
     * started it, if that is open still. {@code disconnect} for Docker.
     */
    NETWORK_DISCONNECT(59, Type.NETWORK);

    private final int number;
    private final Type type;

    Action(int number) {
      this(number, Type.CONTAINER);
    }

    Action(int number, Type type) {
      this.number = number;
      this.type = type;
    }

    /** What it happens to. */
    public Type type() {
      return type;
    }

    /** What it is in the files. */
    public int number() {
      return number;
    }

    /** Docker's word for it, as in {@code exec_start}. */
    public String word() {
      return name().toLowerCase(Locale.ROOT).replaceFirst("^(volume|network)_", "");
    }
  }

  public Event {
    Objects.requireNonNull(time, "time");
    Objects.requireNonNull(action, "action");
    Objects.requireNonNull(actor, "actor");
    if (action.type() == Type.CONTAINER) {
      ContainerId unused = new ContainerId(actor); // refuses what is none
    }
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(image, "image");
    labels = Map.copyOf(labels);
    details = Map.copyOf(details);
  }

  /** What it happened to. */
  public Type type() {
    return action.type();
  }

  /** To which container; empty where it is of something else. */
  public Optional<ContainerId> container() {
    return type() == Type.CONTAINER ? Optional.of(new ContainerId(actor)) : Optional.empty();
  }

  /** The exit code that it tells of. */
  public OptionalInt exitCode() {
    String code = details.get("exitCode");
    return code == null ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(code));
  }
}
