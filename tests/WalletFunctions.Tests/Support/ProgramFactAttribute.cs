using System.Net;
using System.Net.Sockets;

namespace WalletFunctions.Tests.Support;

/// <summary>A test that needs a program on the path, and gives the reason if it is skipped.</summary>
public sealed class ProgramFactAttribute : FactAttribute
{
    public ProgramFactAttribute(string program) => Skip = Find(program) is null ? $"{program} is not on the path." : null;

    /// <summary>Returns the path of the first of these programs that is installed; null if none is.</summary>
    internal static string? Find(params string[] programs) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .SelectMany(folder => programs.Select(program => Path.Combine(folder, program)))
        .FirstOrDefault(File.Exists);
}

/// <summary>A test that needs the address <c>::1</c>, and gives the reason if it is skipped.</summary>
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
