// The arguments: the address of a host, a customer, and pairs of a function key and a wallet.
for (var i = 2; i < args.Length; i += 2)
{
    using var http = new HttpClient { BaseAddress = new Uri(args[0]) };
    http.DefaultRequestHeaders.Add("x-functions-key", args[i]);
    Console.WriteLine(await Caller.DelinkAsync(http, args[i + 1], args[1]));
}
