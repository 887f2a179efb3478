using System.Reflection;

namespace WalletFunctions;

/// <summary>Which version runs, as the build stamped it.</summary>
public static class ProductVersion
{
    /// <summary>The version, without the commit.</summary>
    public static readonly string Text = typeof(ProductVersion).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
