package dev.pinnace.internal.isolation.linux;

import dev.pinnace.linux.plan.LaunchPlan;
import dev.pinnace.oci.RuntimeConfig;
import dev.pinnace.oci.RuntimeProcess;
import dev.pinnace.spi.isolation.RunRequest;
import java.util.Optional;

/**
 * The plan of an exec and what it was compiled for; nothing else goes into it but what the host is.
 * Immutable.
 */
final class EncodedExec {
  private final RuntimeConfig config;
  private final RuntimeProcess process;
  private final Optional<String> seccomp;
  private final LaunchPlan plan;
  private final byte[] bytes;

  private EncodedExec(
      RuntimeConfig config,
      RuntimeProcess process,
      Optional<String> seccomp,
      LaunchPlan plan,
      byte[] bytes) {
    this.config = config;
    this.process = process;
    this.seccomp = seccomp;
    this.plan = plan;
    this.bytes = bytes;
  }

  static EncodedExec compile(
      Compiler compiler,
      long buildId,
      RunRequest container,
      RuntimeProcess process,
      Optional<String> seccomp) {
    LaunchPlan plan = compiler.exec(container, process, seccomp);
    return new EncodedExec(container.config(), process, seccomp, plan, plan.encode(buildId));
  }

  /** Whether it was compiled for that. */
  boolean isOf(RunRequest container, RuntimeProcess asked, Optional<String> profile) {
    return process.equals(asked) && seccomp.equals(profile) && config.equals(container.config());
  }

  LaunchPlan plan() {
    return plan;
  }

  /** The encoded plan, which nobody changes. */
  byte[] bytes() {
    return bytes;
  }
}
