using System.Runtime.CompilerServices;

namespace WalletFunctions.Tests.Support;

/// <summary>The files of the repository that the tests were built from.</summary>
internal static class Repository
{
    public static string Read(string file) => File.ReadAllText(Path.Combine(Root(), file));

    public static string Root([CallerFilePath] string thisFile = "")
    {
        // A deterministic build maps the source path away, so the folder is looked for from where the tests run.
        var folder = new DirectoryInfo(File.Exists(thisFile) ? Path.GetDirectoryName(thisFile)! : AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "WalletFunctions.sln")))
        {
            folder = folder.Parent;
        }

        return folder!.FullName;
    }
}
