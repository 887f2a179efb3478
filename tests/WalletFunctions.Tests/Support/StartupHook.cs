using System.Runtime.CompilerServices;

#pragma warning disable MA0047 // The runtime requires this name outside any namespace.

/// <summary>
/// .NET runs this before the <c>Main</c> of a process that is started with <c>DOTNET_STARTUP_HOOKS</c>. It records each assembly that
/// is loaded from then on.
/// </summary>
internal static class StartupHook
{
    /// <summary>The environment variable that names the file to write to.</summary>
    public const string Variable = "WALLETFUNCTIONS_LOADED_ASSEMBLIES";

    public static void Initialize()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { } file)
        {
            Write(file);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Write(string file)
    {
        var gate = new Lock();
        AppDomain.CurrentDomain.AssemblyLoad += (_, args) =>
        {
            lock (gate)
            {
                File.AppendAllText(file, args.LoadedAssembly.GetName().Name + "\n");
            }
        };
    }
}
