using WalletFunctions.Benchmarks.Programs;

// One program has all variants, so that all are published in the same way. A variant loads only the assemblies that it uses.
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
