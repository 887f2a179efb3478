using WalletFunctions.Benchmarks.Programs;

// One program contains all compared implementations, so that they are published in the same way. An implementation's assemblies are loaded only if it runs.
switch (args)
{
    case ["ours", .. var rest]:
        return await Ours.RunAsync(rest);
    case ["naive", .. var rest]:
        return await Naive.RunAsync(rest);
    case ["proxy", .. var rest]:
        return await Proxy.RunAsync(rest);
    default:
        return 2;
}
