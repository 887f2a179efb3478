using System.Runtime.CompilerServices;
using System.Text;

namespace WalletFunctions.Tests.Support;

/// <summary>Finds and reads the files of the repository.</summary>
internal static class Repository
{
    public static string Read(string file) => File.ReadAllText(Path.Combine(Root(), file));

    /// <summary>
    /// Asserts that a generated file is up to date. A stale file is rewritten, except in CI, and the test fails in both cases,
    /// so that the author of a change sees the difference and commits both.
    /// </summary>
    public static void AssertIsUpToDate(string file, string content)
    {
        var path = Path.Combine(Root(), file);
        var isStale = !File.Exists(path) || File.ReadAllText(path) != content;
        if (isStale && Environment.GetEnvironmentVariable("CI") is not "true")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, content, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        }

        Assert.False(isStale, $"{file} is stale. Outside CI, this test has rewritten it: build again, review the diff, and commit it if it is correct.");
    }

    public static string Root([CallerFilePath] string thisFile = "")
    {
        // A deterministic build removes the source path, so the search for the folder starts where the tests run.
        var folder = new DirectoryInfo(File.Exists(thisFile) ? Path.GetDirectoryName(thisFile)! : AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "WalletFunctions.sln")))
        {
            folder = folder.Parent;
        }

        return folder!.FullName;
    }
}
