using WalletFunctions.Benchmarks.Programs;

// One program, several ways to do the job, so that all are published alike; what a way does not use is not loaded.
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
