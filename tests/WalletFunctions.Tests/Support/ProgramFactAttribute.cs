using System.Net;
using System.Net.Sockets;

namespace WalletFunctions.Tests.Support;

/// <summary>A test that runs if a program is on the path, and is skipped with the reason otherwise.</summary>
public sealed class ProgramFactAttribute : FactAttribute
{
    public ProgramFactAttribute(string program) => Skip = Find(program) is null ? $"{program} is not on the path." : null;

    /// <summary>Returns the file of the first of these programs that is on the path; null if none is.</summary>
    internal static string? Find(params string[] programs) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .SelectMany(folder => programs.Select(program => Path.Combine(folder, program)))
        .FirstOrDefault(File.Exists);
}

/// <summary>A test that runs if the machine has the address <c>::1</c>, and is skipped with the reason otherwise.</summary>
public sealed class IPv6FactAttribute : FactAttribute
{
    public IPv6FactAttribute()
    {
        try
        {
            using var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
        }
        catch (SocketException)
        {
            Skip = "This machine has no address ::1.";
        }
    }
}

/// <inheritdoc cref="ProgramFactAttribute" />
public sealed class ProgramTheoryAttribute : TheoryAttribute
{
    public ProgramTheoryAttribute(string program) => Skip = new ProgramFactAttribute(program).Skip;
}
