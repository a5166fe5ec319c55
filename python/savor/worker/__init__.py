"""The worker: a process that holds one model which is code, and predicts when savor asks it to.

It is started by savor with a socket as descriptor 3 and speaks the protocol of docs/worker-protocol.md. It needs
Python 3.8 and nothing else; what the model's environment has (mlflow, pandas, numpy) it uses.
"""
