package dev.pinnace.internal.isolation.linux;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.internal.isolation.linux.cgroup.CgroupTree;
import dev.pinnace.oci.RuntimeConfig.Resources;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Shares of I/O, which two parts of the kernel may heed, each with a file of its own: {@code
 * io.weight} is read where a disk's cost is counted (iocost), {@code io.bfq.weight} by the
 * scheduler bfq, whose scale ends at 1,000. What is meant for all disks goes to both; what is meant
 * for one goes to whoever heeds it there, and is refused where nobody does.
 */
final class DiskWeights {
  private static final String WEIGHT = "io.weight";
  private static final String BFQ = "io.bfq.weight";
  private static final String BESIDE = "io.max";
  private static final String DEFAULT = "default";

  private final Path devices;
  private final boolean cost;
  private final boolean bfq;
  private final String qualities;

  private DiskWeights(Path devices, boolean cost, boolean bfq, String qualities) {
    this.devices = devices;
    this.cost = cost;
    this.bfq = bfq;
    this.qualities = qualities;
  }

  /**
   * The limits with their weights where they are heeded.
   *
   * @throws UnsupportedException if one would not be
   * @throws InvalidSpecException if there is no such disk
   */
  static Resources heeded(Resources asked, CgroupTree cgroups) {
    if (!asked.unified().containsKey(WEIGHT)) {
      return asked;
    }
    return new DiskWeights(
            Path.of("/sys/dev/block"),
            !cgroups.lacks(WEIGHT, BESIDE),
            !cgroups.lacks(BFQ, BESIDE),
            cgroups.ofRoot("io.cost.qos"))
        .heeded(asked);
  }

  /**
   * The same of a host like this.
   *
   * @param devices where sysfs has block devices by their numbers
   * @param cost whether the kernel has {@code io.weight}
   * @param bfq whether it has {@code io.bfq.weight}
   * @param qualities the text of the root's {@code io.cost.qos}
   */
  static Resources heeded(
      Resources asked, Path devices, boolean cost, boolean bfq, String qualities) {
    return new DiskWeights(devices, cost, bfq, qualities).heeded(asked);
  }

  private Resources heeded(Resources asked) {
    Map<String, String> files = new LinkedHashMap<>(asked.unified());
    List<String> weights = new ArrayList<>();
    List<String> ofBfq = new ArrayList<>();
    for (String line : Optional.ofNullable(files.remove(WEIGHT)).orElse("").lines().toList()) {
      String[] words = line.split(" ", 2);
      int weight = Integer.parseInt(words[1]);
      if (words[0].equals(DEFAULT)) {
        requireAny();
        if (cost) {
          weights.add(line);
        }
        if (bfq) {
          ofBfq.add(DEFAULT + " " + ofBfq(weight));
        }
      } else if (isScheduledByBfq(words[0])) {
        ofBfq.add(words[0] + " " + ofBfq(weight));
      } else {
        weights.add(line);
      }
    }
    put(files, WEIGHT, weights);
    put(files, BFQ, ofBfq);
    return new Resources(files, asked.cgroupDevices());
  }

  private static void put(Map<String, String> files, String file, List<String> lines) {
    if (!lines.isEmpty()) {
      files.put(file, String.join("\n", lines));
    }
  }

  private void requireAny() {
    if (!cost && !bfq) {
      throw new UnsupportedException(
          "a share of I/O",
          "this kernel has neither " + WEIGHT + " nor " + BFQ,
          "load the module bfq, or leave the weight out");
    }
  }

  /**
   * Whether it is bfq that heeds it.
   *
   * @throws UnsupportedException if nobody does
   */
  private boolean isScheduledByBfq(String device) {
    Path entry = devices.resolve(device);
    if (!Files.exists(entry)) {
      throw new InvalidSpecException("there is no block device " + device + " to be weighed");
    }
    if (Files.exists(entry.resolve("partition"))) {
      throw new InvalidSpecException(
          "the block device " + device + " is a partition: only whole disks have weights");
    }
    String schedulers = text(entry.resolve("queue/scheduler"));
    if (bfq && schedulers.contains("[bfq]")) {
      return true;
    }
    if (cost && qualities.lines().anyMatch(line -> line.matches(device + " .*enable=1\\b.*"))) {
      return false;
    }
    throw new UnsupportedException(
        "a share of I/O of the block device " + device,
        "its scheduler keeps no shares (" + schedulers + "), and its cost is not counted",
        "echo bfq >%s/queue/scheduler, or \"%s enable=1\" to io.cost.qos, or leave the weight out"
            .formatted(entry, device));
  }

  private static String text(Path file) {
    try {
      return Files.exists(file) ? Files.readString(file).strip() : "none";
    } catch (IOException e) {
      throw new UncheckedIOException("cannot find out about the scheduler of a disk", e);
    }
  }

  /** 100 is usual on both scales. */
  private static int ofBfq(int weight) {
    return weight <= 100 ? weight : 100 + (weight - 100) / 11;
  }
}
