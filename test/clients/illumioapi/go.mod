module pce-emulator/test/clients/illumioapi

go 1.21

require github.com/brian1917/illumioapi/v2 v2.0.12

require gonum.org/v1/gonum v0.12.0 // indirect
