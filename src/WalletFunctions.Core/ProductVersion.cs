using System.Reflection;

namespace WalletFunctions;

/// <summary>The version of this build.</summary>
internal static class ProductVersion
{
    /// <summary>The version without the commit.</summary>
    public static readonly string Text = typeof(ProductVersion).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
