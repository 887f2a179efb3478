using System.Globalization;

namespace WalletFunctions.Benchmarks;

/// <summary>A cgroup whose processes share a part of a core, of version 1 or 2, as the machine permits.</summary>
internal sealed class CpuLimit : IDisposable
{
    private const int PeriodMicroseconds = 100_000;

    private readonly DirectoryInfo? _group;

    private CpuLimit(string name, DirectoryInfo? group, params string[] launcher)
    {
        Name = name;
        Launcher = launcher;
        _group = group;
    }

    /// <summary>The whole machine.</summary>
    public static CpuLimit None { get; } = new("no limit", group: null);

    /// <summary>One core, always the same, so that the CPU times of two programs can be compared on a busy machine.</summary>
    public static CpuLimit OneCore { get; } = new("one core", group: null, "taskset", "-c", (Environment.ProcessorCount - 1).ToString(CultureInfo.InvariantCulture));

    public string Name { get; }

    /// <summary>The command line prefix that puts a process under this limit and then runs the command that follows.</summary>
    public IReadOnlyList<string> Launcher { get; }

    /// <summary>Creates a cgroup; null if the machine does not permit it.</summary>
    public static CpuLimit? TryCreate(string name, double cores)
    {
        var group = string.Create(CultureInfo.InvariantCulture, $"walletfunctions-{Environment.ProcessId}-{cores:0.00}");
        var quota = (int)(cores * PeriodMicroseconds);
        return TryCreate(name, Path.Combine("/sys/fs/cgroup", group), ("cpu.max", string.Create(CultureInfo.InvariantCulture, $"{quota} {PeriodMicroseconds}")))
            ?? TryCreate(name, Path.Combine("/sys/fs/cgroup/cpu", group), ("cpu.cfs_quota_us", quota.ToString(CultureInfo.InvariantCulture)));
    }

    public void Dispose() => _group?.Delete();

    private static CpuLimit? TryCreate(string name, string path, (string File, string Text) quota)
    {
        try
        {
            var parent = Directory.GetParent(path)!;
            // Elsewhere, a folder of that name would not be a cgroup.
            if (!File.Exists(Path.Combine(parent.FullName, "cgroup.procs")))
            {
                return null;
            }

            var group = Directory.CreateDirectory(path);
            if (!File.Exists(Path.Combine(path, quota.File)))
            {
                group.Delete();
                return null;
            }

            File.WriteAllText(Path.Combine(path, quota.File), quota.Text);
            return new(name, group, "sh", "-c", $"echo $$ > {path}/cgroup.procs && exec \"$@\"", "sh");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
