namespace WalletFunctions.Tests.Support;

/// <summary>A test that runs where a program is on the path, and says so where it is not.</summary>
public sealed class ProgramFactAttribute : FactAttribute
{
    public ProgramFactAttribute(string program) => Skip = Find(program) is null ? $"{program} is not on the path." : null;

    /// <summary>Where the first of these programs is that is on the path; null if none is.</summary>
    internal static string? Find(params string[] programs) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .SelectMany(folder => programs.Select(program => Path.Combine(folder, program)))
        .FirstOrDefault(File.Exists);
}

/// <inheritdoc cref="ProgramFactAttribute" />
public sealed class ProgramTheoryAttribute : TheoryAttribute
{
    public ProgramTheoryAttribute(string program) => Skip = new ProgramFactAttribute(program).Skip;
}
