package dev.pinnace.linux.plan;

import dev.pinnace.linux.Errno;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The set-up of one container or one exec as data: steps in sections, and the supervisor's policy.
 * Immutable. {@link #encode} gives what the launcher runs, {@link #render} what a person reads.
 */
public final class LaunchPlan {
  private final Map<Section, List<Step>> sections;
  private final byte[] blob;
  private final byte[] scratch;
  private final SupervisorPolicy policy;

  private LaunchPlan(Builder builder) {
    this.sections = new EnumMap<>(Section.class);
    builder.sections.forEach((section, steps) -> sections.put(section, List.copyOf(steps.steps)));
    this.blob = builder.data.blob();
    this.scratch = builder.data.scratch();
    this.policy = builder.policy;
  }

  /** Other steps and more data. */
  private LaunchPlan(LaunchPlan plan, Map<Section, List<Step>> sections, Halt.Data data) {
    this.sections = sections;
    this.blob = data.blob();
    this.scratch = data.scratch();
    this.policy = plan.policy;
  }

  /** At how many places {@link #haltingBefore} can halt. */
  public int positions() {
    return Arrays.stream(Section.values()).mapToInt(this::positions).sum();
  }

  /** The supervisor can halt at the end of a section too; STAGE and CHILD end in another life. */
  private int positions(Section section) {
    return switch (section) {
      case ENTER -> 0;
      case STAGE, CHILD -> size(section);
      case PREPARE, BEFORE, TEARDOWN -> size(section) + 1;
    };
  }

  /**
   * The same plan for tests of what a crash leaves: where it comes to a position it says so, and
   * waits. In STAGE and CHILD it says so with SYNC and fails with ETIMEDOUT after a time; in the
   * supervisor it writes a byte into {@code pipes/reached} and fails with ETIMEDOUT when nobody has
   * {@code pipes/go} open for writing any more.
   *
   * @param position from 0, through PREPARE, BEFORE, STAGE, CHILD and TEARDOWN
   * @param millis for STAGE and CHILD
   * @param pipes a directory with two fifos
   */
  public LaunchPlan haltingBefore(int position, int millis, Path pipes) {
    Map<Section, List<Step>> halting = new EnumMap<>(sections);
    Halt.Data data = new Halt.Data(blob, scratch);
    int at = position;
    for (Section section : Section.values()) {
      if (at >= 0 && at < positions(section)) {
        boolean forked = section == Section.STAGE || section == Section.CHILD;
        insert(
            halting,
            section,
            at,
            forked ? Halt.inChild(position, millis) : Halt.inSupervisor(pipes, data));
        if (forked) {
          insert(halting, Section.STAGE, 0, List.of(Halt.openWhatDoesNotEnd()));
        }
      }
      at -= positions(section);
    }
    return new LaunchPlan(this, halting, data);
  }

  private static void insert(
      Map<Section, List<Step>> sections, Section section, int at, List<Step> more) {
    List<Step> steps = new ArrayList<>(sections.getOrDefault(section, List.of()));
    steps.addAll(at, more);
    sections.put(section, steps);
  }

  /** An empty plan to fill. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * The bytes of docs/formats.md, <i>Launch plan</i>.
   *
   * @param buildId of the launcher that is to run it
   */
  public byte[] encode(long buildId) {
    return PlanEncoder.encode(sections, blob, scratch, policy, buildId);
  }

  /** The plan as text, one line a step, in the manner of strace. */
  public String render() {
    return PlanRendering.render(sections, policy);
  }

  /** How many steps a section has. */
  public int size(Section section) {
    return sections.getOrDefault(section, List.of()).size();
  }

  /**
   * What a failed step was for: {@code mount proc on /proc}.
   *
   * @param step its number, counted over all sections as the launcher does
   */
  public String sentence(int step) {
    int first = 0;
    for (Section section : Section.values()) {
      List<Step> steps = sections.getOrDefault(section, List.of());
      if (step < first + steps.size()) {
        return steps.get(step - first).sentence();
      }
      first += steps.size();
    }
    return "step " + step;
  }

  /**
   * The failure of a step as a sentence: {@code mount proc on /proc: EPERM (operation not
   * permitted)}.
   */
  public String explain(int step, int errno) {
    return sentence(step) + ": " + Errno.describe(errno);
  }

  /** Collects a plan. Not thread-safe. */
  public static final class Builder {
    private final Map<Section, Steps> sections = new EnumMap<>(Section.class);
    private final PlanData data = new PlanData();
    private final Map<String, Register> registers = new LinkedHashMap<>();
    private SupervisorPolicy policy = SupervisorPolicy.builder().build();
    private Section setup = Section.CHILD;

    private Builder() {}

    /** How the supervisor is to behave; ignored in an exec's plan. */
    public Builder policy(SupervisorPolicy newPolicy) {
      this.policy = newPolicy;
      return this;
    }

    /** The register of that name, a new one the first time. */
    public Register register(String name) {
      Register known = registers.get(name);
      if (known == null) {
        int number = Register.FIRST_FREE + registers.size();
        if (number >= Register.HALT.number()) {
          throw new PlanTooLargeException(
              "the launch plan needs more than "
                  + (Register.HALT.number() - Register.FIRST_FREE)
                  + " registers of its own");
        }
        known = new Register(number, name);
        registers.put(name, known);
      }
      return known;
    }

    /** A constant NUL-terminated string. */
    public Operand text(String text) {
      return data.text(text);
    }

    /** Constant text to be written, without a NUL. */
    public Operand data(String text) {
      return data.rawText(text);
    }

    /** Constant bytes, shown as {@code label}. */
    public Operand bytes(byte[] bytes, String label) {
      return data.bytes(bytes, label);
    }

    /** Writable memory that starts as {@code image}. */
    public Operand.Scratch scratch(byte[] image, String label) {
      return data.scratch(image, label);
    }

    /** The offset in the blob of a string, for the policy. */
    public int offsetOf(String text) {
      return data.text(text).offset();
    }

    /** The steps of a section, to add to. */
    public Steps in(Section section) {
      return sections.computeIfAbsent(section, s -> new Steps(this));
    }

    /**
     * Says where a container is set up, before any of {@link #setup}'s steps: in CHILD, as by
     * default, or in STAGE.
     */
    public Builder setUpIn(Section section) {
      this.setup = section;
      return this;
    }

    /** The section in which a container is set up. */
    public Section setupSection() {
      return setup;
    }

    /** Its steps, to add to. */
    public Steps setup() {
      return in(setup);
    }

    PlanData data() {
      return data;
    }

    /**
     * The plan.
     *
     * @throws PlanTooLargeException if the launcher would refuse it for its size
     */
    public LaunchPlan build() {
      LaunchPlan plan = new LaunchPlan(this);
      PlanEncoder.checkSize(plan.sections, plan.blob, plan.scratch);
      return plan;
    }
  }

  /** A section under construction. Not thread-safe. */
  public static final class Steps {
    private final Builder plan;
    private final List<Step> steps = new ArrayList<>();

    private Steps(Builder plan) {
      this.plan = plan;
    }

    /**
     * Starts a step; its sentence completes "cannot start: ...". Ends with one of {@link
     * StepBuilder}'s operations.
     */
    public StepBuilder to(String sentence) {
      return new StepBuilder(plan, steps, sentence);
    }

    /** How many steps there are so far. */
    public int size() {
      return steps.size();
    }
  }
}
