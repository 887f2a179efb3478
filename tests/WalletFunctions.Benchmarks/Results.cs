using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using ScottPlot;

namespace WalletFunctions.Benchmarks;

/// <summary>Writes the committed results: a Markdown table with the name of the machine, and plots beside it.</summary>
internal static class Results
{
    public static string Folder { get; } = Path.Combine(Here(), "results");

    public static string Root { get; } = Path.GetFullPath(Path.Combine(Here(), "..", ".."));

    public static string Machine
    {
        get
        {
            const string CpuInfo = "/proc/cpuinfo";
            var model = File.Exists(CpuInfo)
                ? File.ReadLines(CpuInfo).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim()
                : null;
            var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1 << 30);
            return string.Create(CultureInfo.InvariantCulture,
                $"{Environment.ProcessorCount} cores of {model ?? RuntimeInformation.ProcessArchitecture.ToString()}, {memory} GB, {RuntimeInformation.OSDescription.Trim()}, .NET {Environment.Version}");
        }
    }

    /// <summary>Prints the page and writes it to <c>results/{name}.md</c>.</summary>
    public static async Task WriteAsync(string name, string page)
    {
        Directory.CreateDirectory(Folder);
        Console.WriteLine();
        Console.WriteLine(page);
        await File.WriteAllTextAsync(Path.Combine(Folder, name + ".md"), $"{page.ReplaceLineEndings("\n").TrimEnd()}\n\nMeasured on {Machine}.\n");
    }

    public static string Table(IReadOnlyList<string> header, IEnumerable<IReadOnlyList<string>> rows)
    {
        var table = new StringBuilder();
        table.AppendLine($"| {string.Join(" | ", header)} |");
        table.AppendLine($"|---|{string.Concat(Enumerable.Repeat("---:|", header.Count - 1))}");
        foreach (var row in rows)
        {
            table.AppendLine($"| {string.Join(" | ", row)} |");
        }

        return table.ToString();
    }

    /// <summary>Plots groups of bars, with one bar per series in each group.</summary>
    public static void Bars(string name, string title, IReadOnlyList<string> groups, IReadOnlyList<(string Name, IReadOnlyList<double> Values)> series)
    {
        var plot = new Plot();
        var palette = new ScottPlot.Palettes.ColorblindFriendly();
        var width = 0.8 / series.Count;
        for (var i = 0; i < series.Count; i++)
        {
            var left = (i - ((series.Count - 1) / 2.0)) * width;
            var bars = plot.Add.Bars(series[i].Values.Select((value, group) => new Bar
            {
                Position = group + left,
                Value = value,
                Size = width * 0.95,
                FillColor = palette.GetColor(i),
                LineWidth = 0,
                Label = value.ToString(value < 10 ? "0.##" : "0", CultureInfo.InvariantCulture),
            }).ToArray());
            bars.LegendText = series[i].Name;
            bars.ValueLabelStyle.FontSize = 11;
        }

        plot.Axes.Bottom.SetTicks([.. groups.Select((_, group) => (double)group)], [.. groups]);
        plot.Axes.Margins(bottom: 0, top: 0.15);
        if (series.Count > 1)
        {
            plot.ShowLegend(Edge.Right);
        }

        Save(name, title, plot);
    }

    /// <summary>Plots one line per series over a common axis.</summary>
    public static void Lines(string name, string title, string axis, IReadOnlyList<(string Name, double[] Xs, double[] Ys)> series)
    {
        var plot = new Plot();
        foreach (var (label, xs, ys) in series)
        {
            var line = plot.Add.ScatterLine(xs, ys);
            line.LegendText = label;
            line.LineWidth = 2;
        }

        plot.XLabel(axis);
        plot.ShowLegend(Edge.Right);
        Save(name, title, plot);
    }

    public static double Median(IEnumerable<double> values) => Percentile(values, 50);

    public static double Percentile(IEnumerable<double> values, double percent)
    {
        double[] sorted = [.. values.Order()];
        var at = (sorted.Length - 1) * percent / 100;
        var low = sorted[(int)at];
        return low + ((sorted[(int)Math.Ceiling(at)] - low) * (at - Math.Floor(at)));
    }

    public static string Number(double value, string format = "0") => value.ToString(format, CultureInfo.InvariantCulture);

    private static void Save(string name, string title, Plot plot)
    {
        Directory.CreateDirectory(Folder);
        plot.Title(title);
        plot.Grid.MajorLineColor = Colors.Black.WithOpacity(0.08);
        plot.SaveSvg(Path.Combine(Folder, name + ".svg"), 900, 380);
    }

    private static string Here([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
